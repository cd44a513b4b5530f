package jkvm.examples.course;

import java.util.List;

/** The exercises of the lessons about devices. */
final class DeviceExercises {
    static final List<Exercise> PCI_DEVICE = List.of(
            Exercise.of("plug the device into slot 7")
                    .shows("^found in slot 7,", "the guest does not find the device in slot 7"),
            Exercise.of("make the device cube")
                    .shows("^12 squared is 1728$", "the guest does not read 1728: change SquaringDevice"),
            Exercise.of("add a register that counts")
                    .shows("144 there, too$", "the first register no longer squares")
                    .shows("^numbers written: 1$", "there is no line \"numbers written: 1\": count in write(), answer "
                            + "at offset 4, and read it with memory.dispatchRead"));

    static final List<Exercise> NETWORK_CARD = List.of(
            Exercise.of("ask for the name server, 10.0.2.3")
                    .shows("^10\\.0\\.2\\.3 is at 52:55:0a:00:02:02$",
                            "10.0.2.3 does not answer: change the last 10, 0, 2, 2 of the image to 10, 0, 2, 3"),
            Exercise.of("count how often the guest writes to the card")
                    .shows("^the guest wrote [1-9]\\d* times to the card$",
                            "there is no line \"the guest wrote N times to the card\": override mmioWrite and count"),
            Exercise.of("look at the answer in guest memory")
                    .shows("^the answer is for 52:54:00:12:34:56$",
                            "there is no line \"the answer is for 52:54:00:12:34:56\": these are the first six bytes "
                                    + "at BUFFER"));

    static final List<Exercise> DEVICE_TYPE = List.of(
            Exercise.of("raise to the fourth power")
                    .shows("^the guest reads 81$", "the guest does not read 81: give the device another exponent"),
            Exercise.of("make 3 the default")
                    .shows("exponent=.*\\(default: 3\\)$", "the help does not tell of default 3: see PowerType"),
            Exercise.of("add a property modulus")
                    .shows("^  modulus=<uint8>", "the help has no modulus=<uint8>: add it to ownProperties()")
                    .shows("^the guest reads 2$", "with modulus 5 the guest shall read 2: what is left of 27"));

    static final List<Exercise> VIRTQUEUE = List.of(
            Exercise.of("count the exits")
                    .shows("^[1-9]\\d* exits$", "there is no line \"N exits\": add up the counts of guest.exits()"),
            Exercise.of("read the buffer from the host")
                    .shows("^random bytes: (.*)$[\\s\\S]*^the buffer holds \\1$", "there is no line "
                            + "\"the buffer holds ...\" with the sixteen bytes that the guest prints"),
            Exercise.of("let the device give less")
                    .shows("^used: .* length 8$", "the device does not give 8 bytes: see VirtioRngType.MAX_BYTES"));

    static final List<Exercise> VIRTIO_BLK = List.of(
            Exercise.of("write your own sector")
                    .shows("^the guest reads: my own sector$", "the guest does not read \"my own sector\"")
                    .shows("^sector 2 of the file: my own sector$", "sector 2 is something else"),
            Exercise.of("protect the disk")
                    .shows("^the guest reads: hello", "the guest cannot read any more")
                    .shows("^status of the write: 01$", "the write succeeds: the drive's options let it be written"),
            Exercise.of("enlarge the disk to 200 sectors")
                    .shows("^sectors: 0xc8$", "the guest does not see 200 sectors, 0xc8"));

    private DeviceExercises() {
    }
}
