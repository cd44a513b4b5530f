package jkvm.app.options;

import java.util.Map;
import java.util.Optional;
import jkvm.control.migrate.TlsCredentials;

/**
 * The part of a command line that migrations use.
 *
 * @param incoming    where the state comes from that the machine waits for, {@code defer} for a monitor's command
 * @param credentials for encryption, by the ids of their objects
 */
public record MigrationConfig(Optional<String> incoming, Map<String, TlsCredentials> credentials) {

    public MigrationConfig {
        credentials = Map.copyOf(credentials);
    }
}
