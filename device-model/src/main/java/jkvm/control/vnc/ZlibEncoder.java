package jkvm.control.vnc;

/** {@link RawEncoder}'s bytes in one compressed stream. */
final class ZlibEncoder implements Encoder {
    private final RawEncoder raw = new RawEncoder();
    private final ZlibStream stream = new ZlibStream();
    private final ByteWriter plain = new ByteWriter();

    @Override
    public int number() {
        return ZLIB;
    }

    @Override
    public void encode(Block block, PixelWriter pixels, ByteWriter out) {
        plain.clear();
        raw.encode(block, pixels, plain);
        int start = out.size();
        out.u32(0);
        stream.compress(plain, out);
        out.set32(start, out.size() - start - Integer.BYTES);
    }

    @Override
    public void level(int level) {
        stream.level(level);
    }

    @Override
    public void close() {
        stream.close();
    }
}
