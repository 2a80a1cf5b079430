package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import java.util.Optional;
import java.util.function.Function;

/** Checks publications against the declarations of their channels. */
final class Declarations {

    private final Function<ChannelName, Optional<Retention>> retentionOf;

    /** @param retentionOf returns what a channel keeps, or nothing if the channel is not declared */
    Declarations(Function<ChannelName, Optional<Retention>> retentionOf) {
        this.retentionOf = retentionOf;
    }

    /**
     * Returns the publication. If the channel can end, the store stores it only if the channel has not ended.
     *
     * @throws PublishException if the channel does not exist, or cannot end as the publication requires
     */
    Publication check(Publication publication) {
        ChannelName channel = publication.channel();
        Optional<Retention> retention = retentionOf.apply(channel);
        // the log uses the name of a family for those of its channels that no longer exist
        if (channel.hasParameter() || retention.isEmpty()) {
            throw new PublishException(
                    PublishException.Reason.NO_SUCH_CHANNEL,
                    channel + ": no such channel (expected: a channel that the configuration declares)");
        }
        if (retention.get().ends()) {
            return publication.unlessEnded();
        }
        if (publication.ends()) {
            throw new PublishException(
                    PublishException.Reason.MALFORMED,
                    channel + ": cannot be ended (expected: a channel whose declaration has \"ends\": true)");
        }
        return publication;
    }
}
