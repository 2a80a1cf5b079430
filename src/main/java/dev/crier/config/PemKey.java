package dev.crier.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A public key from a PEM file, with the only algorithm that it verifies. The key determines the algorithm, so that no token
 * can choose a weaker one (RFC 8725, 3.1).
 *
 * @param algorithm the name of the algorithm in a JWT (RFC 7518, 3.1)
 */
public record PemKey(String algorithm, String pem) {

    static final String EXPECTED =
            "a file with a public key in PEM: RSA of 2048 bits or more, EC on the curve P-256, or Ed25519";

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PUBLIC KEY-----\\s(.*?)\\s-----END PUBLIC KEY-----", Pattern.DOTALL);

    private static final List<String> KEY_TYPES = List.of("RSA", "EC", "Ed25519");

    /** Shorter keys can be broken (RFC 7518, 3.3). */
    private static final int MIN_RSA_BITS = 2048;

    private static final int P_256_BITS = 256;

    /** @throws IllegalArgumentException if the file cannot be read, or has no key of an accepted type and size */
    static PemKey read(String file) {
        try {
            Matcher pem = PEM.matcher(Files.readString(Path.of(file)));
            if (!pem.find()) {
                throw new IllegalArgumentException(file);
            }
            byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
            return new PemKey(algorithm(key(new X509EncodedKeySpec(der))), pem.group());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(file, e);
        }
    }

    /** Decodes a key of any accepted type. Tries each factory, because only that of the key's type accepts it. */
    private static PublicKey key(X509EncodedKeySpec der) throws GeneralSecurityException {
        for (String type : KEY_TYPES) {
            try {
                return KeyFactory.getInstance(type).generatePublic(der);
            } catch (GeneralSecurityException e) {
                // another type
            }
        }
        throw new GeneralSecurityException("not a key of an accepted type");
    }

    private static String algorithm(PublicKey key) throws GeneralSecurityException {
        if (key instanceof RSAPublicKey rsa) {
            require(rsa.getModulus().bitLength() >= MIN_RSA_BITS);
            return "RS256";
        }
        if (key instanceof ECPublicKey ec) {
            // the JDK has no other curve of this size
            require(ec.getParams().getOrder().bitLength() == P_256_BITS);
            return "ES256";
        }
        return "EdDSA";
    }

    private static void require(boolean accepted) throws GeneralSecurityException {
        if (!accepted) {
            throw new GeneralSecurityException("too short a key, or another curve");
        }
    }
}
