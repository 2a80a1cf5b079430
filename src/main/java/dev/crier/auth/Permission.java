package dev.crier.auth;

import java.util.List;

/** A permission that a token may grant on a channel. */
public enum Permission {
    READ("Reading", "read"),
    PUBLISH("Publishing to", "publish"),
    /** Whoever may publish to a channel may stop it, too. */
    STOP("Stopping", "stop", "publish");

    private final String activity;
    private final List<String> claims;

    Permission(String activity, String... claims) {
        this.activity = activity;
        this.claims = List.of(claims);
    }

    /** Returns the keys in the JWT's claim {@code crier} that list the channels of this permission. */
    List<String> claims() {
        return claims;
    }

    /** Returns the permitted activity, as the beginning of a sentence whose next word is a channel. */
    public String activity() {
        return activity;
    }
}
