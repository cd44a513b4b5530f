package jkvm.control.migrate;

import java.io.IOException;
import java.util.Map;

/** Encrypts connections where the user wants it. Any thread may call. */
final class ChannelSecurity {
    private final Map<String, TlsCredentials> credentials;
    private final MigrationSettings settings;

    ChannelSecurity(Map<String, TlsCredentials> credentials, MigrationSettings settings) {
        this.credentials = Map.copyOf(credentials);
        this.settings = settings;
    }

    /**
     * Waits for the other side's part in it.
     *
     * @param isServer true for the side that was connected to
     * @throws IOException if the two do not agree; the channel is closed then
     */
    MigrationChannel secure(MigrationChannel channel, boolean isServer) throws IOException {
        String id = settings.text(MigrationParameter.TLS_CREDS);
        if (id.isEmpty()) {
            return channel;
        }
        try {
            TlsCredentials own = credentials.get(id);
            if (own == null) {
                throw new IOException("No TLS credentials with id '" + id + "'");
            }
            if (own.isServer() != isServer) {
                throw new IOException("Expected TLS credentials for a " + (isServer ? "server" : "client")
                        + " endpoint");
            }
            if (!channel.isTwoWay()) {
                throw new IOException("TLS needs a connection that is two-way");
            }
            return channel.over(TlsChannel.open(channel.bytes(), own.engine(
                    settings.text(MigrationParameter.TLS_HOSTNAME), TlsChannel.peer(channel.bytes()))));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
