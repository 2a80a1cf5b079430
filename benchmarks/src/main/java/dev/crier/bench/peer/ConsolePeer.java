package dev.crier.bench.peer;

import dev.crier.testing.Ports;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Crier with one event loop and the management listener.
 *
 * @param console whether the listener serves the console
 * @param open whether somebody watches the console; two {@code curl} read what its page reads
 */
public record ConsolePeer(String name, boolean console, boolean open) implements Peer {

    private CrierPeer crier() {
        return new CrierPeer(name, "memory", 1, List.of());
    }

    @Override
    public Optional<String> version() {
        return crier().version();
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        int managementPort = Ports.free();
        var management = new JsonObject().put("port", managementPort).put("console", console);
        RunningPeer server = crier().start(folder, port, cores, new JsonObject().put("management", management));
        if (!open) {
            return server;
        }
        var processes = new ArrayList<>(server.processes());
        for (String channel : List.of("stats?lastEventId=earliest", "channels")) {
            processes.add(
                    new ProcessBuilder("curl", "-sN", "http://127.0.0.1:" + managementPort + "/console/" + channel)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start());
        }
        return new RunningPeer(processes, server.endpoint()); // whose CPU is that of Crier alone
    }
}
