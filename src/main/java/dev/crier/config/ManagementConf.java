package dev.crier.config;

import dev.crier.config.file.Section;

/**
 * Where those who run Crier ask how it is, apart from where the world reads.
 *
 * @param port 0 for any free one, -1 for none at all
 */
public record ManagementConf(String host, int port) {

    private static final int OFF = -1;

    /** @param others the port that is not to be this one */
    static ManagementConf read(Section section, int others) {
        var conf = new ManagementConf(Conf.host(section, "127.0.0.1"), section.integer("port", OFF, OFF, 65535));
        if (conf.port == others && others > 0) {
            section.refuse("port", "another than port", null);
        }
        section.end();
        return conf;
    }

    public boolean isOn() {
        return port != OFF;
    }
}
