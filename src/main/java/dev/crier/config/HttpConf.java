package dev.crier.config;

import dev.crier.config.file.Section;

/**
 * What is spoken without TLS.
 *
 * @param h2c whether HTTP/2 is, too
 */
public record HttpConf(boolean h2c) {

    static HttpConf read(Section section) {
        var conf = new HttpConf(section.flag("h2c", false));
        section.end();
        return conf;
    }
}
