package dev.crier.config;

import dev.crier.config.file.Section;

/**
 * The management listener, which serves health, metrics and backups to operators.
 *
 * @param port the port to listen on; 0 for any free one, -1 for no listener
 */
public record ManagementConf(String host, int port) {

    private static final int OFF = -1;

    /** @param mainPort the port of the main listener; 0 if it is not known */
    static ManagementConf read(Section section, int mainPort) {
        var conf = new ManagementConf(Conf.host(section, "127.0.0.1"), section.integer("port", OFF, OFF, 65535));
        if (conf.port == mainPort && mainPort > 0) {
            section.reject("port", "a port other than that of the main listener", null);
        }
        section.rejectUnknownKeys();
        return conf;
    }

    public boolean isOn() {
        return port != OFF;
    }
}
