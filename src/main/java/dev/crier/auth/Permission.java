package dev.crier.auth;

/** A permission that a token may grant on a channel. */
public enum Permission {
    READ("read", "Reading"),
    PUBLISH("publish", "Publishing to");

    private final String claim;
    private final String activity;

    Permission(String claim, String activity) {
        this.claim = claim;
        this.activity = activity;
    }

    /** Returns the key in the JWT's claim {@code crier} that lists the channels of this permission. */
    String claim() {
        return claim;
    }

    /** Returns the permitted activity, as the beginning of a sentence whose next word is a channel. */
    public String activity() {
        return activity;
    }
}
