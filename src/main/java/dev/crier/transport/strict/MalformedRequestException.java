package dev.crier.transport.strict;

/** A malformed request. The message is a sentence that quotes nothing of the request. */
final class MalformedRequestException extends IllegalArgumentException {

    private static final long serialVersionUID = 1;

    MalformedRequestException(String sentence) {
        super(sentence);
    }

    /** Records no stack trace, because this is an answer to a client, not a failure of Crier. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
