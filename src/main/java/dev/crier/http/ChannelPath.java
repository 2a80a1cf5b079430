package dev.crier.http;

import dev.crier.http.request.PercentEncoding;
import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;

/** The path of a request that may name a channel. */
final class ChannelPath {

    private ChannelPath() {}

    /** An escaped slash. */
    private static final Pattern ESCAPED_SLASH = Pattern.compile("%2F", Pattern.CASE_INSENSITIVE);

    /**
     * Returns the decoded path, and below a mount point the part after it. There the path is normalized first, because the
     * application's router has chosen the mount point by the normalized path.
     *
     * <p>The attack: a handler of the application guards {@code /live/private/*}, and a client asks for {@code
     * /live/private%2Fnews}, which that route does not match. The rule: below a mount point, no slash is escaped.
     *
     * @throws IllegalArgumentException if the path is not valid
     */
    static String of(RoutingContext ctx) {
        String mount = ctx.mountPoint();
        if (mount == null) {
            return PercentEncoding.decode(ctx.request().path());
        }
        String path = ctx.normalizedPath();
        int root = mount.length(); // all that is right about a nested mount point with a parameter (Vert.x 5.1.6)
        if (root <= path.length() && path.charAt(root - 1) == '/') {
            root--;
        }
        if (root >= path.length() || path.charAt(root) != '/') {
            return "/"; // the mount point itself, or another path that begins with its name
        }
        if (ESCAPED_SLASH.matcher(path).find(root)) {
            throw new IllegalArgumentException("an escaped slash");
        }
        return PercentEncoding.decode(path.substring(root));
    }
}
