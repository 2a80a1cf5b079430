package dev.crier;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
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
    void aClientThatRenegotiatesIsRefused(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "there is no openssl");
        Pem pem = Pem.in(folder).write(Pem.certificate("localhost"));
        try (var crier = CrierProcess.start(
                folder,
                "-conf",
                "{\"port\": 0, \"tls\": {\"cert\": \"" + pem.cert() + "\", \"key\": \"" + pem.key() + "\"}}")) {
            int port = port(crier);
            assertTrue(handshakes(port, "Q\n").contains("Verify return code"), "the client works");
            String answer = handshakes(port, "R\n");
            assertTrue(answer.contains("RENEGOTIATING"), answer);
            assertFalse(answer.split("RENEGOTIATING", 2)[1].contains("Server certificate"), answer);
            assertTrue(answer.split("RENEGOTIATING", 2)[1].contains("alert"), answer);
        }
    }

    private static int port(CrierProcess crier) throws Exception {
        var ready = java.util.regex.Pattern.compile("Crier is ready: https://[^ ]+:(\\d+)/");
        Eventually.until(crier::output, () -> ready.matcher(crier.output()).find());
        var found = ready.matcher(crier.output());
        assertTrue(found.find());
        return Integer.parseInt(found.group(1));
    }

    /** Returns the output of openssl for these commands. */
    private static String handshakes(int port, String commands) throws IOException, InterruptedException {
        var openssl = new ProcessBuilder(List.of("openssl", "s_client", "-tls1_2", "-connect", "127.0.0.1:" + port))
                .redirectErrorStream(true)
                .start();
        openssl.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
        openssl.getOutputStream().flush();
        String answer = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(openssl.waitFor(30, TimeUnit.SECONDS));
        return answer;
    }
}
