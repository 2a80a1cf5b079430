package dev.crier.bench.peer;

import dev.crier.bench.load.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** nginx with the nchan module and one worker process. */
public record NchanPeer() implements Peer {

    private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");

    @Override
    public String name() {
        return "nchan";
    }

    @Override
    public Optional<String> version() {
        return Files.exists(MODULE)
                ? Programs.find("nginx")
                        .flatMap(nginx -> Programs.output(nginx.toString(), "-v"))
                        .map(nginx -> "in " + nginx.replace("nginx version: nginx/", "nginx "))
                : Optional.empty();
    }

    @Override
    public RunningPeer start(Path folder, int port, Cores cores) throws IOException {
        Path conf = folder.resolve("nginx.conf");
        Files.writeString(
                conf,
                Files.readString(Path.of("benchmarks", "peers", "nginx.conf"))
                        .replace("PORT", String.valueOf(port))
                        .replace("FOLDER", folder.toString()));
        String nginx = Programs.find("nginx").orElseThrow().toString();
        var endpoint = Endpoint.of(port, "/read", "/publish", List.of(), "");
        return RunningPeer.start(
                folder, cores, List.of(nginx, "-p", "/usr/share/nginx", "-c", conf.toString()), Map.of(), endpoint);
    }
}
