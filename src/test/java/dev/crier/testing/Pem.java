package dev.crier.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** The certificate file and the key file of a self-signed certificate for localhost. */
public record Pem(Path cert, Path key) {

    /** Names the two files without writing them. */
    public static Pem in(Path folder) {
        return new Pem(folder.resolve("cert.pem"), folder.resolve("key.pem"));
    }

    /** Creates a certificate that is valid for a day. */
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

    /** Writes the certificate of the first bundle and the key of the second. */
    public Pem write(X509Bundle certificate, X509Bundle keys) throws IOException {
        Files.writeString(key, keys.getPrivateKeyPEM());
        Files.writeString(cert, certificate.getCertificatePathPEM());
        return this;
    }

    /** Returns a configuration with TLS that uses these files. */
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
