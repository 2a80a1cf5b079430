package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Consumer;

/** Lets every request read, because those who may not do not get here. Asks another access about all else. */
public final class OpenReads implements Access {

    private final Access others;

    public OpenReads(Access others) {
        this.others = others;
    }

    /** Returns true, because no cache may keep what is read. */
    @Override
    public boolean restrictsReaders(ChannelConf channel) {
        return true;
    }

    @Override
    public void admit(
            RoutingContext ctx, Permission permission, List<ChannelName> channels, Consumer<Decision.Granted> handler) {
        if (permission == Permission.READ) {
            handler.accept(new Decision.Granted(Decision.UNLIMITED, ""));
        } else {
            others.admit(ctx, permission, channels, handler);
        }
    }
}
