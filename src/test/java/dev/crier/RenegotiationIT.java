package dev.crier;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Threat: in TLS 1.2, a renegotiation costs the server six times what it costs the client. */
class RenegotiationIT {

    @Test
    void aRenegotiationIsRejected(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        Pem pem = Pem.in(folder).write(Pem.certificate("localhost"));
        try (var crier = CrierProcess.start(folder, "-conf", """
                {
                  "port": 0,
                  "tls": {"cert": "%s", "key": "%s"}
                }""".formatted(pem.cert(), pem.key()))) {
            int port = crier.port();
            assertTrue(handshakes(port, "Q\n").contains("Verify return code"), "the client works");
            String output = handshakes(port, "R\n");
            assertTrue(output.contains("RENEGOTIATING"), output);
            assertFalse(output.split("RENEGOTIATING", 2)[1].contains("Server certificate"), output);
            assertTrue(output.split("RENEGOTIATING", 2)[1].contains("alert"), output);
        }
    }

    /** Connects with TLS 1.2, sends openssl these commands and returns its output. */
    private static String handshakes(int port, String commands) throws IOException, InterruptedException {
        var openssl = new ProcessBuilder(List.of("openssl", "s_client", "-tls1_2", "-connect", "127.0.0.1:" + port))
                .redirectErrorStream(true)
                .start();
        openssl.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
        openssl.getOutputStream().flush();
        String output = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(openssl.waitFor(30, TimeUnit.SECONDS));
        return output;
    }
}
