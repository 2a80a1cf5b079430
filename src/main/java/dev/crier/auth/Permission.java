package dev.crier.auth;

/** What a token may let its bearer do on a channel. */
public enum Permission {
    READ("read", "Reading"),
    PUBLISH("publish", "Publishing");

    private final String claim;
    private final String doing;

    Permission(String claim, String doing) {
        this.claim = claim;
        this.doing = doing;
    }

    /** The name of the claim that grants it. */
    String claim() {
        return claim;
    }

    /** What it is called at the beginning of a sentence. */
    public String doing() {
        return doing;
    }
}
