package dev.crier.bench.load;

import dev.crier.testing.RespClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads figures of a Redis server from its answer to {@code INFO}. */
record Redis(int port) {

    /** Returns the memory that Redis has allocated for everything, in bytes. */
    long usedMemory() {
        return figure("memory", "used_memory:");
    }

    /** Returns the number of calls of the command, including calls by scripts. */
    long calls(String command) {
        return figure("commandstats", "cmdstat_" + command + ":calls=");
    }

    ProcessHandle process() {
        return ProcessHandle.of(figure("server", "process_id:")).orElseThrow();
    }

    private long figure(String section, String name) {
        String info = info(section);
        Matcher line = Pattern.compile("^" + name + "(\\d+)", Pattern.MULTILINE).matcher(info);
        if (!line.find()) {
            throw new IllegalStateException("no " + name + " in " + info);
        }
        return Long.parseLong(line.group(1));
    }

    private String info(String section) {
        try (var client = new RespClient(port)) {
            return client.command("INFO", section).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
