package jkvm.machine.board;

import jkvm.bus.DmaChannel;
import jkvm.device.platform.DmaController;
import jkvm.device.platform.PostPort;

/** The two DMA controllers of an ISA bus: channels 0 to 3 move bytes, 5 to 7 words. */
final class DmaControllers {
    private static final int CHANNELS = 4;

    private final DmaController bytes;
    private final DmaController words;

    /**
     * Puts them on the board.
     *
     * @param pages has the page registers
     */
    DmaControllers(MachineBoard board, PostPort pages) {
        bytes = new DmaController("dma1", false, board.guestMemory(), pages::page);
        words = new DmaController("dma2", true, board.guestMemory(), channel -> pages.page(CHANNELS + channel));
        board.addAt(DmaController.PORT, DmaController.PORTS, bytes);
        board.addAt(DmaController.WIDE_PORT, DmaController.WIDE_PORTS, words);
    }

    DmaChannel channel(int number) {
        return number < CHANNELS ? bytes.channel(number) : words.channel(number - CHANNELS);
    }
}
