package dev.crier.config;

import dev.crier.config.file.Section;

/**
 * The management listener, which serves health, metrics and backups to operators.
 *
 * @param port the port to listen on; 0 for any free one, -1 for no listener
 */
public record ManagementConf(String host, int port) {

    private static final int OFF = -1;

    /** @param publicPort the port of the public listener */
    static ManagementConf read(Section section, int publicPort) {
        var conf = new ManagementConf(Conf.host(section, "127.0.0.1"), section.integer("port", OFF, OFF, 65535));
        if (conf.port == publicPort && publicPort > 0) {
            section.reject("port", "another port than that of the public listener", null);
        }
        section.rejectUnknownKeys();
        return conf;
    }

    public boolean isOn() {
        return port != OFF;
    }
}
