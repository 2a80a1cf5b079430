package dev.crier.log.redis;

import dev.crier.config.RedisConf;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Classifies the errors of Redis by their code, which is the first word of the message. */
final class RedisError {

    private static final Pattern CODE = Pattern.compile("^(?:ERR )?([A-Z]{3,})(?: |$)");

    /** The server cannot serve the log now, or the node must join again. Redis has not run the command. */
    private static final Set<String> RECONNECT = Set.of(
            "EPOCH",
            "READONLY",
            "NOSCRIPT",
            "MOVED",
            "ASK",
            "TRYAGAIN",
            "CLUSTERDOWN",
            "LOADING",
            "MASTERDOWN",
            "UNBLOCKED",
            "NOAUTH");

    private static final Set<String> ACCESS = Set.of("WRONGPASS", "NOAUTH", "NOPERM");

    private static final Pattern MOVED = Pattern.compile("^MOVED \\d+ (.*):(\\d{1,5})$");

    private RedisError() {}

    private static String code(Throwable failure) {
        Matcher code = CODE.matcher(String.valueOf(failure.getMessage()));
        return code.find() ? code.group(1) : "";
    }

    /** Returns whether the failure is an error reply: Redis has not run the command. Any other failure leaves that unknown. */
    static boolean isAnswer(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return message.startsWith("ERR ") || !code(failure).isEmpty();
    }

    /** Returns whether the command may succeed on a new connection. */
    static boolean needsReconnect(Throwable failure) {
        return RECONNECT.contains(code(failure));
    }

    /** Returns whether Redis refuses the user, the password, the database, or the command for this user. */
    static boolean isAccess(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return ACCESS.contains(code(failure)) || message.startsWith("ERR AUTH") || message.startsWith("ERR DB index");
    }

    /** Returns the server that has the keys, if the error of a cluster names one. */
    static Optional<RedisConf.Endpoint> movedTo(Throwable failure, RedisConf.Endpoint asked) {
        Matcher moved = MOVED.matcher(String.valueOf(failure.getMessage()));
        return moved.find()
                ? Optional.of(new RedisConf.Endpoint(
                        moved.group(1).isEmpty() ? asked.host() : moved.group(1), Integer.parseInt(moved.group(2))))
                : Optional.empty();
    }
}
