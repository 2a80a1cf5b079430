package dev.crier.server;

import dev.crier.config.TlsConf;
import dev.crier.config.file.ConfException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.X509KeyManager;

/** A certificate that was valid when it was read, and its private key. */
public final class Certificate {

    private static final List<String> KEY_TYPES = List.of("RSA", "EC");
    private static final String EXPECTED = "a certificate that is valid now, in PEM, and its key that is not encrypted";

    private final Buffer cert;
    private final Buffer key;
    private final Instant end;

    private Certificate(Buffer cert, Buffer key, Instant end) {
        this.cert = cert;
        this.key = key;
        this.end = end;
    }

    /**
     * Reads and checks the two files. Fails with a {@link ConfException} if they are missing or invalid, or if only one of them
     * has been renewed yet.
     */
    static Future<Certificate> read(Vertx vertx, TlsConf conf) {
        return vertx.executeBlocking(() -> readNow(vertx, conf));
    }

    private static Certificate readNow(Vertx vertx, TlsConf conf) {
        Buffer cert = readFile("tls.cert", conf.cert());
        Buffer key = readFile("tls.key", conf.key());
        try {
            return new Certificate(cert, key, check(vertx, cert, key));
        } catch (Exception e) { // Vert.x and the platform throw all kinds for a file that is not PEM
            throw new ConfException("tls.cert: %s with %s: %s (expected: %s)"
                    .formatted(conf.cert(), conf.key(), firstLine(e), EXPECTED));
        }
    }

    private static Buffer readFile(String confKey, String path) {
        try {
            return Buffer.buffer(Files.readAllBytes(Path.of(path)));
        } catch (IOException e) {
            String why = e instanceof NoSuchFileException ? "no such file" : e.toString();
            throw new ConfException("%s: %s: %s (expected: a file that can be read)".formatted(confKey, path, why));
        }
    }

    /** Returns when the certificate's validity ends. */
    private static Instant check(Vertx vertx, Buffer cert, Buffer key) throws Exception {
        var manager =
                (X509KeyManager) pem(cert, key).getKeyManagerFactory(vertx).getKeyManagers()[0];
        String alias = KEY_TYPES.stream()
                .flatMap(type -> Stream.ofNullable(manager.getServerAliases(type, null)))
                .flatMap(Arrays::stream)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("neither an RSA nor an EC key"));
        X509Certificate own = manager.getCertificateChain(alias)[0];
        own.checkValidity();
        checkPair(own, manager.getPrivateKey(alias));
        return own.getNotAfter().toInstant();
    }

    /** Checks that the certificate verifies a signature of the key. */
    private static void checkPair(X509Certificate cert, PrivateKey key) throws GeneralSecurityException {
        String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        byte[] text = cert.getEncoded();
        var signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(text);
        var verifier = Signature.getInstance(algorithm);
        verifier.initVerify(cert.getPublicKey());
        verifier.update(text);
        if (!verifier.verify(signer.sign())) {
            throw new GeneralSecurityException("the key belongs to another certificate");
        }
    }

    private static PemKeyCertOptions pem(Buffer cert, Buffer key) {
        return new PemKeyCertOptions().setCertValue(cert).setKeyValue(key);
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("").trim();
    }

    KeyCertOptions options() {
        return pem(cert, key);
    }

    boolean isSame(Certificate other) {
        return cert.equals(other.cert) && key.equals(other.key);
    }

    /** Returns when the certificate's validity ends. */
    Instant end() {
        return end;
    }
}
