package dev.crier.http;

import dev.crier.http.request.PercentEncoding;
import io.vertx.ext.web.RoutingContext;

/** The path of a request that may name a channel. */
final class ChannelPath {

    private ChannelPath() {}

    /**
     * Returns the decoded path, and below a mount point the part after it. There the path is normalized first, because the
     * application's router has chosen the mount point by the normalized path.
     *
     * @throws IllegalArgumentException if the path is not valid
     */
    static String of(RoutingContext ctx) {
        String mount = ctx.mountPoint();
        if (mount == null || mount.equals("/")) {
            return PercentEncoding.decode(ctx.request().path());
        }
        String root = mount.endsWith("/") ? mount.substring(0, mount.length() - 1) : mount;
        String path = ctx.normalizedPath();
        return path.length() > root.length() ? PercentEncoding.decode(path.substring(root.length())) : "/";
    }
}
