package jkvm.control.vnc;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * The password of a server: RFC 6143 section 7.2.2. Its first eight bytes count. After a wrong one the next is looked
 * at no earlier than after a second, then two, four and eight, whoever tries. Any thread may call.
 */
final class VncPassword implements AutoCloseable {
    static final int CHALLENGE_SIZE = 16;
    private static final int KEY_SIZE = 8;
    private static final int MAX_DOUBLINGS = 3;

    private final SecureRandom random = new SecureRandom();
    private final Clock clock;
    /** Guarded by this, as all below. Null while there is none. */
    private byte[] key;
    private Instant end = Instant.MAX;
    private int failures;
    private boolean isClosed;
    private long nextLook = System.nanoTime();

    /** @param clock by which it ends */
    VncPassword(Optional<byte[]> first, Clock clock) {
        this.clock = clock;
        first.ifPresent(this::set);
    }

    synchronized void set(byte[] password) {
        byte[] newKey = new byte[KEY_SIZE];
        for (int i = 0; i < Math.min(KEY_SIZE, password.length); i++) {
            // The protocol turns the bits of each byte round.
            newKey[i] = (byte) (Integer.reverse(password[i]) >>> 24);
        }
        key = newKey;
    }

    static byte[] bytes(String password) {
        return password.getBytes(StandardCharsets.UTF_8);
    }

    /** It is good for nothing from then on. */
    synchronized void expire(Instant moment) {
        end = moment;
    }

    byte[] challenge() {
        byte[] challenge = new byte[CHALLENGE_SIZE];
        random.nextBytes(challenge);
        return challenge;
    }

    /**
     * Waits until answers are looked at again after wrong ones, and looks at one.
     *
     * @return why it is refused, empty if it is right
     */
    Optional<String> check(byte[] challenge, byte[] answer) {
        return await(turn()) ? look(challenge, answer) : Optional.of("the server ends");
    }

    /** @return false if the server ends meanwhile */
    private synchronized boolean await(long turn) {
        for (long left = turn - System.nanoTime(); left > 0 && !isClosed; left = turn - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return !isClosed;
    }

    /** Nobody waits any more. */
    @Override
    public synchronized void close() {
        isClosed = true;
        notifyAll();
    }

    private static long delay(int failures) {
        return failures == 0 ? 0 : TimeUnit.SECONDS.toNanos(1L << Math.min(failures - 1, MAX_DOUBLINGS));
    }

    /** The moment at which the next answer is looked at; those that come together take turns. */
    private synchronized long turn() {
        long now = System.nanoTime();
        long turn = nextLook - now > 0 ? nextLook : now;
        nextLook = turn + delay(failures);
        return turn;
    }

    private synchronized Optional<String> look(byte[] challenge, byte[] answer) {
        byte[] right = key == null ? new byte[CHALLENGE_SIZE] : encrypted(challenge);
        boolean isRight = MessageDigest.isEqual(right, answer) && key != null;
        if (!isRight) {
            failures++;
            long now = System.nanoTime();
            nextLook = now + Math.max(nextLook - now, delay(failures));
            return Optional.of(key == null ? "no password is set" : "wrong password");
        }
        if (!clock.instant().isBefore(end)) {
            return Optional.of("the password has expired");
        }
        failures = 0;
        nextLook = System.nanoTime();
        return Optional.empty();
    }

    private byte[] encrypted(byte[] challenge) {
        try {
            Cipher cipher = Cipher.getInstance("DES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(Arrays.copyOf(key, KEY_SIZE), "DES"));
            return cipher.doFinal(challenge);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
