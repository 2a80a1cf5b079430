package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.auth.TokenAuthorizer;
import dev.crier.event.ChannelName;
import dev.crier.limit.Limits;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Lets a request through to a channel, or answers it, as RFC 6750 (3) has it. */
public final class AccessGuard {

    private final TokenAuthorizer rights;
    private final Limits limits;
    private final OverloadResponse overload;
    private final BearerToken bearer;

    public AccessGuard(TokenAuthorizer rights, Limits limits, OverloadResponse overload, BearerToken bearer) {
        this.rights = rights;
        this.limits = limits;
        this.overload = overload;
        this.bearer = bearer;
    }

    /** Passes on what the token of a request grants. Answers the request if the token grants nothing. */
    void admit(RoutingContext ctx, Permission right, ChannelName channel, Consumer<Decision.Granted> admitted) {
        Optional<String> token;
        try {
            token = right == Permission.READ ? bearer.of(ctx.request()) : BearerToken.ofHeader(ctx.request());
        } catch (IllegalArgumentException e) {
            challenge(ctx, ", error=\"invalid_request\"");
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return;
        }
        if (token.isEmpty()) {
            challenge(ctx, "");
            Problem.UNAUTHORIZED.fail(ctx, right.doing() + " needs a bearer token.");
            return;
        }
        Optional<Decision> verdict = rights.atOnce(token.get(), right, channel);
        if (verdict.isPresent()) {
            decide(ctx, right, verdict.get(), admitted);
        } else {
            check(ctx, token.get(), right, channel, admitted);
        }
    }

    /** Verifies the signature on another thread. Meanwhile the request's body is not read. */
    private void check(
            RoutingContext ctx,
            String token,
            Permission right,
            ChannelName channel,
            Consumer<Decision.Granted> admitted) {
        String address = limits.addressOf(ctx.request());
        int wait = limits.forgedWait(address);
        if (wait > 0) {
            close(ctx);
            overload.any(ctx, Problem.TOO_MANY_REQUESTS, wait, "This address has sent too many invalid tokens.");
            return;
        }
        ctx.request().pause();
        rights.check(token, right, channel, verify -> verify(address, verify)).onComplete(checked -> {
            if (ctx.response().closed()) {
                return; // the client has left
            }
            try {
                if (checked.succeeded()) {
                    decide(ctx, right, checked.result(), admitted);
                } else {
                    ctx.fail(checked.cause());
                }
            } catch (RuntimeException e) {
                ctx.fail(e); // the router no longer catches it
            }
            ctx.request().resume();
        });
    }

    /** Asks for the limit when it is the token's turn: many of one address may have been waiting together. */
    private Decision verify(String address, Supplier<Decision> verify) {
        if (limits.forgedWait(address) > 0) {
            return new Decision.Busy();
        }
        Decision verdict = verify.get();
        if (verdict instanceof Decision.Unknown) {
            limits.forged(address);
        }
        return verdict;
    }

    private void decide(RoutingContext ctx, Permission right, Decision verdict, Consumer<Decision.Granted> admitted) {
        if (verdict instanceof Decision.Granted granted) {
            admitted.accept(granted);
        } else if (verdict instanceof Decision.Unknown unknown) {
            challenge(ctx, ", error=\"invalid_token\", error_description=\"" + unknown.why() + "\"");
            close(ctx);
            Problem.UNAUTHORIZED.fail(ctx, unknown.why());
        } else if (verdict instanceof Decision.Lacking) {
            challenge(ctx, ", error=\"insufficient_scope\"");
            Problem.FORBIDDEN.fail(ctx, right.doing() + " here takes a right that this token does not grant.");
        } else {
            overload.any(ctx, Problem.UNAVAILABLE, "Too many tokens are waiting to be verified.");
        }
    }

    /**
     * Closes an HTTP/1.x connection after the response, so that each guess costs a new connection. An HTTP/2 connection may
     * be a proxy's and carry other clients' streams.
     */
    private static void close(RoutingContext ctx) {
        HttpServerRequest request = ctx.request();
        if (request.version() != HttpVersion.HTTP_2) {
            ctx.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            ctx.addEndHandler(ended -> {
                if (request.isEnded()) {
                    request.connection().close();
                } else { // closing a socket with unread bytes resets it, so the response could be lost
                    request.endHandler(read -> request.connection().close());
                }
            });
        }
    }

    private static void challenge(RoutingContext ctx, String error) {
        ctx.response().putHeader("WWW-Authenticate", "Bearer realm=\"crier\"" + error);
    }
}
