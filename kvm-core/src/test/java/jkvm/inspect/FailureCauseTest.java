package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.abi.KvmExit;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailureCauseTest {
    private static final long EMULATION_WITH_BYTES = 1L | 4L << 32;

    @Test
    @DisplayName("an emulation failure names its suberror and the instruction's bytes")
    void shouldNameTheInstructionThatKvmCannotEmulate() {
        // flags: instruction bytes are there; then their number and 0f ff c3
        FailureCause cause = FailureCause.ofExit(GuestFixture.exit(EMULATION_WITH_BYTES, 1, 0xC3FF0F03L),
                KvmExit.INTERNAL_ERROR);
        assertEquals("KVM internal error, suberror 1 (emulation failure), instruction bytes 0f ff c3",
                cause.headline());
        assertTrue(cause.advice().contains("jkvm lab"));
    }

    @Test
    @DisplayName("internal errors show KVM's data, whatever count they claim")
    void shouldShowRawDataOfOtherInternalErrors() {
        FailureCause cause = FailureCause.ofExit(GuestFixture.exit(3L | 2L << 32, 0x80000b0eL, 0x31),
                KvmExit.INTERNAL_ERROR);
        assertEquals("KVM internal error, suberror 3 (fault while an event was delivered), data 0x80000b0e 0x31",
                cause.headline());
        FailureCause endless = FailureCause.ofExit(GuestFixture.exit(9L | 0x7FFFFFFFL << 32), KvmExit.INTERNAL_ERROR);
        assertTrue(endless.headline().startsWith("KVM internal error, suberror 9 (unknown), data 0x0"));
    }

    @ParameterizedTest
    @CsvSource({"0x80000021, state is invalid", "0x80000022, MSR", "0x80000029, machine check",
        "0xffffffff, VMEXIT_INVALID", "-1, VMEXIT_INVALID", "7, invalid control fields", "8, invalid host state",
        "0x55, refused to run"})
    @DisplayName("a failed entry's hardware reason is put into words")
    void shouldExplainFailedEntries(String reason, String meaning) {
        FailureCause cause = FailureCause.ofExit(GuestFixture.exit(Long.decode(reason)), KvmExit.FAIL_ENTRY);
        assertTrue(cause.headline().startsWith("KVM failed to enter the guest, hardware reason 0x"), cause.headline());
        assertTrue(cause.meaning().contains(meaning), cause.meaning());
        assertFalse(cause.advice().isEmpty());
    }

    @ParameterizedTest
    @EnumSource(names = {"EFAULT", "ENOMEM", "EINVAL", "EPERM", "EIO", "EBUSY"})
    @DisplayName("each errno of KVM_RUN gives a cause with call, name and advice")
    void shouldExplainErrnos(Errno errno) {
        FailureCause cause = FailureCause.ofErrno(new LinuxException("KVM_RUN", errno.code()));
        assertTrue(cause.headline().startsWith("KVM_RUN: " + errno.name()), cause.headline());
        assertFalse(cause.meaning().isEmpty() || cause.advice().isEmpty());
    }

    @Test
    void shouldNameAnExitThatNothingHandles() {
        assertEquals("unexpected exit HYPERCALL",
                FailureCause.ofExit(GuestFixture.exit(), KvmExit.HYPERCALL).headline());
        assertTrue(FailureCause.ofExit(GuestFixture.exit(0, 0x1000, 0x2000), KvmExit.MEMORY_FAULT).headline()
                .endsWith("at guest physical 0x1000, 0x2000 bytes"));
    }
}
