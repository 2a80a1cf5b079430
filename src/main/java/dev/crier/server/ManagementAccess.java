package dev.crier.server;

import dev.crier.auth.TokenSet;
import dev.crier.config.ManagementConf;
import dev.crier.http.AccessGuard;
import dev.crier.http.ConnectionClose;
import dev.crier.http.Problem;
import dev.crier.http.request.BearerToken;
import dev.crier.limit.Limits;
import dev.crier.transport.CookieHeaders;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Decides who may use the management listener. With {@code management.tokens}, every request but those for health and the
 * pages of the console needs one of them, as a bearer token or in exchange for it the cookie of the console. Without tokens, a
 * listener on a loopback address answers only requests to a name of this machine.
 */
final class ManagementAccess {

    private static final String COOKIE = "crier_console";

    /** What the cookie's value signs, so that it is good for nothing else. */
    private static final byte[] PURPOSE = "the cookie of Crier's console".getBytes(StandardCharsets.UTF_8);

    private static final String ALGORITHM = "HmacSHA256";

    /** The names of this machine for itself. */
    private static final Set<String> LOCAL_HOSTS = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final ManagementConf conf;
    private final Limits limits;
    private final TokenSet tokens;
    private final TokenSet cookies;

    /** @param limits counts the invalid tokens of each address, together with those of the main listener */
    ManagementAccess(ManagementConf conf, Limits limits) {
        this.conf = conf;
        this.limits = limits;
        tokens = new TokenSet(conf.tokens());
        cookies = new TokenSet(
                conf.tokens().stream().map(ManagementAccess::cookie).toList());
    }

    /**
     * Returns the cookie's value for a token. It is the same after a restart, so that an open console goes on, and the token
     * cannot be computed from it.
     */
    private static String cookie(String token) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return HexFormat.of().formatHex(mac.doFinal(PURPOSE));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /**
     * Rejects requests to names of other machines. The attack: a web page lets the name of its own server resolve to 127.0.0.1
     * (DNS rebinding), so that the browser takes this listener for the page's own server. Where a token is needed, the page has
     * none.
     */
    void checkHost(RoutingContext ctx) {
        if (conf.requiresToken() || !conf.isLoopback() || isLocal(ctx)) {
            ctx.next();
        } else {
            Problem.FORBIDDEN.fail(
                    ctx, "The host of the request is another machine (expected: localhost, or management.tokens).");
        }
    }

    private boolean isLocal(RoutingContext ctx) {
        var authority = ctx.request().authority();
        return authority != null
                && (LOCAL_HOSTS.contains(authority.host().toLowerCase(Locale.ROOT))
                        || authority.host().equalsIgnoreCase(conf.host()));
    }

    /**
     * Rejects the requests of pages of other origins. The attack: a page on the web makes the browser of an operator send
     * requests here. It could not read the responses, but would hold connections, and use the cookie.
     */
    void checkOrigin(RoutingContext ctx) {
        MultiMap headers = ctx.request().headers();
        String origin = headers.get(HttpHeaders.ORIGIN);
        String site = headers.get("Sec-Fetch-Site");
        boolean isOwn = (origin == null || origin.endsWith("://" + headers.get(HttpHeaders.HOST)))
                && (site == null || OWN_SITES.contains(site));
        if (isOwn) {
            ctx.next();
        } else {
            Problem.FORBIDDEN.fail(ctx, "Pages of other origins may not use the console.");
        }
    }

    /** Continues if no token is needed, or the request has one or the cookie. */
    void checkToken(RoutingContext ctx) {
        if (!conf.requiresToken() || hasCookie(ctx)) {
            ctx.next();
            return;
        }
        if (isPermitted(ctx)) {
            ctx.next();
        }
    }

    private boolean hasCookie(RoutingContext ctx) {
        return CookieHeaders.values(ctx.request().headers().getAll(HttpHeaders.COOKIE), COOKIE).stream()
                .anyMatch(cookies::contains);
    }

    /** Returns whether the request has a bearer token. Answers it if not. Each wrong guess costs a new connection. */
    private boolean isPermitted(RoutingContext ctx) {
        Optional<String> token;
        try {
            token = BearerToken.inHeader(ctx.request().headers());
        } catch (IllegalArgumentException e) {
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return false;
        }
        if (token.isEmpty()) {
            AccessGuard.challenge(ctx, "");
            Problem.UNAUTHORIZED.fail(ctx, "This needs a token of management.tokens.");
            return false;
        }
        String address = limits.addressOf(ctx.request());
        int seconds = limits.verificationWaitSeconds(address);
        if (seconds == 0 && tokens.contains(token.get())) {
            return true;
        }
        ConnectionClose.afterResponseAndBody(ctx);
        if (seconds > 0) {
            Problem.TOO_MANY_REQUESTS.failWithRetry(ctx, seconds, "This address has sent too many invalid tokens.");
        } else {
            limits.verificationFailed(address);
            AccessGuard.challenge(ctx, ", error=\"invalid_token\"");
            Problem.UNAUTHORIZED.fail(ctx, "This is no token of management.tokens.");
        }
        return false;
    }

    /**
     * Gives the cookie in exchange for the bearer token. The token is in a header rather than in a form, because no page of
     * another origin can set that. Pages cannot read the cookie, and it ends with the browser.
     */
    void login(RoutingContext ctx) {
        if (conf.requiresToken()) {
            if (!isPermitted(ctx)) {
                return;
            }
            String value = cookie(BearerToken.inHeader(ctx.request().headers()).orElseThrow());
            ctx.response()
                    .putHeader(
                            HttpHeaders.SET_COOKIE,
                            COOKIE + "=" + value + "; Path=/console/; HttpOnly; SameSite=Strict"
                                    + (isSecure(ctx) ? "; Secure" : ""));
        }
        ctx.response()
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .setStatusCode(204)
                .end();
    }

    /** Returns whether the browser uses HTTPS, which a proxy then says. A client that lies only affects its own cookie. */
    private static boolean isSecure(RoutingContext ctx) {
        List<String> schemes = ctx.request().headers().getAll("X-Forwarded-Proto");
        return ctx.request().isSSL() || schemes.stream().anyMatch("https"::equalsIgnoreCase);
    }
}
