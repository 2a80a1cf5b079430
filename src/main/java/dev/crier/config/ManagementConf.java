package dev.crier.config;

import dev.crier.config.file.Section;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The management listener, which serves health, metrics, backups and the console to operators.
 *
 * @param port the port to listen on; 0 for any free one, -1 for no listener
 * @param tokens one of them is required for everything but health; empty if nothing is
 * @param console whether the listener serves the console
 */
public record ManagementConf(String host, int port, List<String> tokens, boolean console) {

    private static final int OFF = -1;

    /** The names and addresses that only programs on this machine can connect to. */
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.\\d{1,3}){3}|::1|(0:){7}1", Pattern.CASE_INSENSITIVE);

    /** @param mainPort the port of the main listener; 0 if it is not known */
    static ManagementConf read(Section section, int mainPort) {
        var conf = new ManagementConf(
                Conf.host(section, "127.0.0.1"),
                section.integer("port", OFF, OFF, 65535),
                Conf.tokens(section, "CRIER_MANAGEMENT_TOKEN"),
                section.bool("console", false));
        if (conf.port == mainPort && mainPort > 0) {
            section.reject("port", "a port other than that of the main listener", null);
        }
        if (conf.console && !conf.isOn()) {
            section.reject(
                    "console", "false, unless management.port is set, because the console is served there", null);
        }
        if (conf.console && conf.tokens.isEmpty() && !conf.isLoopback()) {
            section.report(
                    "tokens",
                    "none",
                    "a token, because the console is on and management.host is not a loopback address");
        }
        section.rejectUnknownKeys();
        return conf;
    }

    public boolean isOn() {
        return port != OFF;
    }

    /** Returns whether only programs on this machine can connect. */
    public boolean isLoopback() {
        return LOOPBACK.matcher(host).matches();
    }

    /** Returns whether requests other than those for health need a token. */
    public boolean requiresToken() {
        return !tokens.isEmpty();
    }
}
