package dev.crier.testing;

import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs JWTs with the JDK alone, so that a bug in the library that verifies them cannot cancel itself out. */
public record SigningKey(String algorithm, Key secret, PublicKey open) {

    /** Creates a key for the algorithm. */
    public static SigningKey of(String algorithm) throws GeneralSecurityException {
        return switch (algorithm) {
            case "HS256" -> secret("a secret of the tests, of 32 bytes and more");
            case "RS256" -> pair(algorithm, "RSA", 2048);
            case "ES256" -> pair(algorithm, "EC", 256);
            default -> pair(algorithm, "Ed25519", 255);
        };
    }

    public static SigningKey secret(String secret) {
        return new SigningKey("HS256", new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"), null);
    }

    public static SigningKey pair(String algorithm, String kind, int bits) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance(kind);
        generator.initialize(bits);
        KeyPair pair = generator.generateKeyPair();
        return new SigningKey(algorithm, pair.getPrivate(), pair.getPublic());
    }

    public String text() {
        return new String(secret.getEncoded(), StandardCharsets.UTF_8);
    }

    /** Returns the public key as {@code openssl pkey -pubout} writes it. */
    public String pem() {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(open.getEncoded());
        return "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n";
    }

    public Path pemIn(Path folder) throws Exception {
        return Files.writeString(folder.resolve(algorithm + ".pem"), pem());
    }

    /** Returns the public key as an entry of a JWK set, or the secret. */
    public JsonObject jwk(String id) {
        var jwk = new JsonObject().put("kid", id).put("use", "sig");
        if (open instanceof RSAPublicKey rsa) {
            return jwk.put("kty", "RSA")
                    .put("n", base64(unsigned(rsa.getModulus(), rsa.getModulus().bitLength() / 8)))
                    .put("e", base64(rsa.getPublicExponent().toByteArray()));
        }
        if (open instanceof ECPublicKey ec) {
            return jwk.put("kty", "EC")
                    .put("crv", "P-256")
                    .put("x", base64(unsigned(ec.getW().getAffineX(), 32)))
                    .put("y", base64(unsigned(ec.getW().getAffineY(), 32)));
        }
        if (open instanceof EdECPublicKey) {
            byte[] der = open.getEncoded();
            return jwk.put("kty", "OKP")
                    .put("crv", "Ed25519")
                    .put("x", base64(Arrays.copyOfRange(der, der.length - 32, der.length)));
        }
        return jwk.put("kty", "oct").put("k", base64(secret.getEncoded()));
    }

    private static byte[] unsigned(BigInteger number, int length) {
        byte[] bytes = number.toByteArray();
        var fixed = new byte[length];
        int some = Math.min(bytes.length, length);
        System.arraycopy(bytes, bytes.length - some, fixed, length - some, some);
        return fixed;
    }

    public String sign(JsonObject claims) throws GeneralSecurityException {
        return sign(new JsonObject().put("alg", algorithm), claims);
    }

    /** Signs with this key's own algorithm, even if the header names another. */
    public String sign(JsonObject header, JsonObject claims) throws GeneralSecurityException {
        return sign(part(header) + "." + part(claims));
    }

    public String sign(String signed) throws GeneralSecurityException {
        byte[] bytes = signed.getBytes(StandardCharsets.US_ASCII);
        return signed + "." + base64(secret instanceof PrivateKey key ? signature(key, bytes) : mac(bytes));
    }

    private byte[] mac(byte[] bytes) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(secret);
        return mac.doFinal(bytes);
    }

    private byte[] signature(PrivateKey key, byte[] bytes) throws GeneralSecurityException {
        var signature = Signature.getInstance(
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSAinP1363Format";
                    default -> "Ed25519";
                });
        signature.initSign(key);
        signature.update(bytes);
        return signature.sign();
    }

    public static String part(JsonObject json) {
        return base64(json.encode().getBytes(StandardCharsets.UTF_8));
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
