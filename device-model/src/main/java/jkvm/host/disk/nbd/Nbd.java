package jkvm.host.disk.nbd;

/** Numbers of the NBD protocol, under the names of its document without {@code NBD_}. */
final class Nbd {
    static final int DEFAULT_PORT = 10_809;

    static final long INIT_MAGIC = 0x4e42444d41474943L;
    static final long OPTION_MAGIC = 0x49484156454f5054L;
    static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;

    /** Handshake flags, the same on both sides. */
    static final int FLAG_FIXED_NEWSTYLE = 1, FLAG_NO_ZEROES = 2;

    static final int OPT_EXPORT_NAME = 1, OPT_ABORT = 2, OPT_LIST = 3, OPT_INFO = 6, OPT_GO = 7,
            OPT_STRUCTURED_REPLY = 8, OPT_LIST_META_CONTEXT = 9, OPT_SET_META_CONTEXT = 10;

    static final int REP_ACK = 1, REP_SERVER = 2, REP_INFO = 3, REP_META_CONTEXT = 4;
    static final int REP_ERR_UNSUP = 0x80000001, REP_ERR_INVALID = 0x80000003, REP_ERR_UNKNOWN = 0x80000006,
            REP_ERR_TOO_BIG = 0x80000009;

    static final int INFO_EXPORT = 0, INFO_NAME = 1, INFO_BLOCK_SIZE = 3;

    /** Transmission flags: what the export can do. */
    static final int FLAG_HAS_FLAGS = 1, FLAG_READ_ONLY = 1 << 1, FLAG_SEND_FLUSH = 1 << 2, FLAG_SEND_FUA = 1 << 3,
            FLAG_SEND_TRIM = 1 << 5, FLAG_SEND_WRITE_ZEROES = 1 << 6, FLAG_SEND_DF = 1 << 7,
            FLAG_CAN_MULTI_CONN = 1 << 8, FLAG_SEND_CACHE = 1 << 10;

    static final int CMD_READ = 0, CMD_WRITE = 1, CMD_DISC = 2, CMD_FLUSH = 3, CMD_TRIM = 4, CMD_CACHE = 5,
            CMD_WRITE_ZEROES = 6, CMD_BLOCK_STATUS = 7;
    static final int CMD_FLAG_FUA = 1, CMD_FLAG_NO_HOLE = 1 << 1, CMD_FLAG_DF = 1 << 2, CMD_FLAG_REQ_ONE = 1 << 3;

    static final int REPLY_FLAG_DONE = 1;
    static final int REPLY_NONE = 0, REPLY_OFFSET_DATA = 1, REPLY_OFFSET_HOLE = 2, REPLY_BLOCK_STATUS = 5,
            REPLY_ERROR_BIT = 0x8000, REPLY_ERROR = 0x8001, REPLY_ERROR_OFFSET = 0x8002;

    static final int EPERM = 1, EIO = 5, EINVAL = 22, ENOSPC = 28, EOVERFLOW = 75;

    static final String BASE = "base:", BASE_ALLOCATION = "base:allocation";
    static final int STATE_HOLE = 1, STATE_ZERO = 2;

    /** Bytes of names and other texts. */
    static final int MAX_TEXT = 4096;
    /** Bytes of a request's data that all servers take. */
    static final int MAX_PAYLOAD = 32 << 20;

    private Nbd() {
    }
}
