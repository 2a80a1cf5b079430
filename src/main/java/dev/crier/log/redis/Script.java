package dev.crier.log.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** The scripts that Redis runs. While a script runs, Redis runs nothing else. */
enum Script {
    JOIN("flags=allow-oom"),
    BEAT("flags=allow-oom"),
    APPEND(""),
    READ("flags=no-writes"),
    TRIM("flags=allow-oom"),
    LEAVE("flags=allow-oom");

    private final String source;
    private final String sha;

    /** @param flags say whether the script writes, and whether it may run while the memory of Redis is full */
    Script(String flags) {
        source = ("#!lua " + flags).strip() + "\n" + resource("common") + resource(name().toLowerCase(Locale.ROOT));
        sha = sha(source);
    }

    private static String resource(String name) {
        try (InputStream file = Script.class.getResourceAsStream(name + ".lua")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha(String source) {
        try {
            byte[] text = source.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has SHA-1
        }
    }

    Request load() {
        return Request.cmd(Command.SCRIPT).arg("LOAD").arg(source);
    }

    /** Returns a call of the loaded script. */
    Request call(Keys keys, Object... arguments) {
        Request call = Request.cmd(Command.EVALSHA).arg(sha).arg(1).arg(keys.log());
        for (Object argument : arguments) {
            call.arg(argument.toString());
        }
        return call;
    }
}
