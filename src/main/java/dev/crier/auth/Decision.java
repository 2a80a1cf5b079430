package dev.crier.auth;

import dev.crier.event.ChannelName;
import java.time.Duration;

/** Whether a token grants a permission on each of some channels. */
public sealed interface Decision {

    /** The validity of a token that does not expire. */
    Duration UNLIMITED = Duration.ofMillis(Long.MAX_VALUE);

    Decision UNKNOWN = new Invalid("Crier does not know this token.");

    /**
     * The token grants the permission.
     *
     * @param validity the time until the token expires
     * @param bearer identifies the token's bearer; the same for every spelling of the same token
     */
    record Granted(Duration validity, String bearer) implements Decision {}

    /**
     * The token is valid, but does not grant the permission.
     *
     * @param channel the first channel or family on which it does not
     */
    record Denied(ChannelName channel) implements Decision {}

    /**
     * The token is not valid.
     *
     * @param reason a sentence for the client, of printable ASCII without quotes and backslashes (RFC 6750, 3)
     */
    record Invalid(String reason) implements Decision {}

    /** The token was not verified, because too many verifications wait. */
    record Busy() implements Decision {}
}
