package dev.crier.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** The two files of a certificate for localhost that vouches for itself. */
public record Pem(Path cert, Path key) {

    /** Not yet written. */
    public static Pem in(Path folder) {
        return new Pem(folder.resolve("cert.pem"), folder.resolve("key.pem"));
    }

    /** Valid for a day. */
    public static X509Bundle certificate(String name) throws Exception {
        return certificate(name, Instant.now().plus(Duration.ofDays(1)));
    }

    public static X509Bundle certificate(String name, Instant end) throws Exception {
        return new CertificateBuilder()
                .subject("CN=" + name)
                .addSanDnsName("localhost")
                .notBefore(end.minus(Duration.ofDays(2)))
                .notAfter(end)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    public Pem write(X509Bundle certificate) throws IOException {
        return write(certificate, certificate);
    }

    /** The certificate of the one, and the key of the other. */
    public Pem write(X509Bundle certificate, X509Bundle keys) throws IOException {
        Files.writeString(key, keys.getPrivateKeyPEM());
        Files.writeString(cert, certificate.getCertificatePathPEM());
        return this;
    }

    /** What has Crier speak TLS by it. */
    public JsonObject conf() {
        return new JsonObject()
                .put(
                        "tls",
                        new JsonObject()
                                .put("cert", cert.toString())
                                .put("key", key.toString())
                                .put("refresh", "PT1S"));
    }
}
