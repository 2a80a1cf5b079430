package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Consumer;

/** Admits requests to channels, and answers all others. */
public interface Access {

    /** Returns whether a subscriber of the channel must be admitted. */
    boolean restrictsReaders(ChannelConf channel);

    /**
     * Calls the handler if the request has the permission; answers the request if not.
     *
     * @param channels at least one. The name of a family stands for all its channels
     */
    void admit(
            RoutingContext ctx, Permission permission, List<ChannelName> channels, Consumer<Decision.Granted> handler);
}
