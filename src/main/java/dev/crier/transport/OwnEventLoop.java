package dev.crier.transport;

import io.netty.channel.EventLoopGroup;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.VertxThreadFactory;
import io.vertx.core.spi.transport.Transport;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * An event loop beside those of Vert.x. An application that blocks one of those does not block this one. It belongs to a
 * verticle: all that is opened on it closes with the verticle, and then its thread ends. Vert.x does not watch the thread, and does
 * not know it outside a context, so no code of an application may run on it.
 */
public final class OwnEventLoop {

    private static final long MAX_EXECUTE_SECONDS = 2;
    private static final long MAX_CLOSE_SECONDS = 10;

    private final Context verticle;
    private final Context context;

    /**
     * @param verticle the context of the verticle
     * @param name the name of the thread
     */
    public OwnEventLoop(Context verticle, String name) {
        this.verticle = verticle;
        var vertx = (VertxInternal) verticle.owner();
        EventLoopGroup group =
                vertx.transport().eventLoopGroup(Transport.IO_EVENT_LOOP_GROUP, 1, work -> thread(work, name), 100);
        context = ((ContextInternal) verticle)
                .toBuilder().withEventLoop(group.next()).build();
        ((ContextInternal) verticle)
                .closeFuture()
                .future()
                .onComplete(closed -> group.shutdownGracefully(0, MAX_CLOSE_SECONDS, TimeUnit.SECONDS));
    }

    /** The thread does not keep the process alive, because Vert.x's own threads do if the application wants it. */
    private static Thread thread(Runnable work, String name) {
        Thread thread =
                VertxThreadFactory.INSTANCE.newVertxThread(work, name, false, MAX_EXECUTE_SECONDS, TimeUnit.SECONDS);
        thread.setDaemon(true);
        return thread;
    }

    /** Runs the work on this event loop. The result arrives on the context of the verticle. */
    public <T> Future<T> call(Supplier<Future<T>> work) {
        Promise<T> done = ((ContextInternal) verticle).promise();
        context.runOnContext(turn -> Future.succeededFuture()
                .compose(start -> work.get()) // an exception becomes a failure
                .onComplete(done));
        return done.future();
    }
}
