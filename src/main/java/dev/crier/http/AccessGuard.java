package dev.crier.http;

import dev.crier.auth.Decision;
import dev.crier.auth.Permission;
import dev.crier.auth.TokenAuthorizer;
import dev.crier.config.ChannelConf;
import dev.crier.event.ChannelName;
import dev.crier.http.request.BearerToken;
import dev.crier.limit.Limits;
import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Admits requests to channels by their bearer tokens, and answers all others (RFC 6750, 3). */
public final class AccessGuard implements Access {

    private final TokenAuthorizer authorizer;
    private final Limits limits;
    private final OverloadResponse overload;
    private final BearerToken bearerToken;

    public AccessGuard(TokenAuthorizer authorizer, Limits limits, OverloadResponse overload, BearerToken bearerToken) {
        this.authorizer = authorizer;
        this.limits = limits;
        this.overload = overload;
        this.bearerToken = bearerToken;
    }

    @Override
    public boolean restrictsReaders(ChannelConf channel) {
        return channel.requiresToken();
    }

    @Override
    public void admit(
            RoutingContext ctx, Permission permission, List<ChannelName> channels, Consumer<Decision.Granted> handler) {
        Optional<String> token;
        try {
            token = token(ctx.request().headers(), permission);
        } catch (IllegalArgumentException e) {
            challenge(ctx, ", error=\"invalid_request\"");
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return;
        }
        if (token.isEmpty()) {
            challenge(ctx, "");
            Problem.UNAUTHORIZED.fail(ctx, permission.activity() + " " + channels.get(0) + " needs a bearer token.");
            return;
        }
        Optional<Decision> decision = authorizer.decide(token.get(), permission, channels);
        if (decision.isPresent()) {
            apply(decision.get(), ctx, permission, handler);
        } else {
            verify(ctx, token.get(), permission, channels, handler);
        }
    }

    /** Returns the token of the request. A cookie does not permit publishing, because any site can send a form here. */
    private Optional<String> token(MultiMap headers, Permission permission) {
        return permission == Permission.READ ? bearerToken.inHeaderOrCookie(headers) : BearerToken.inHeader(headers);
    }

    /** Verifies the signature on another thread. */
    private void verify(
            RoutingContext ctx,
            String token,
            Permission permission,
            List<ChannelName> channels,
            Consumer<Decision.Granted> handler) {
        String address = limits.addressOf(ctx.request());
        int seconds = limits.verificationWaitSeconds(address);
        if (seconds > 0) {
            ConnectionClose.afterResponseAndBody(ctx);
            overload.refuse(ctx, Problem.TOO_MANY_REQUESTS, seconds, "This address has sent too many invalid tokens.");
            return;
        }
        PausedRequest.await(
                ctx,
                authorizer.verify(
                        token, permission, channels, verification -> verifyWithinLimit(address, verification)),
                decision -> apply(decision, ctx, permission, handler));
    }

    /**
     * Runs the verification, unless the address has sent too many invalid tokens. The limit is checked again here, because many
     * tokens of one address may have been waiting for their turn.
     */
    private Decision verifyWithinLimit(String address, Supplier<Decision> verification) {
        if (limits.verificationWaitSeconds(address) > 0) {
            return new Decision.Busy();
        }
        Decision decision = verification.get();
        if (decision instanceof Decision.Invalid) {
            limits.verificationFailed(address);
        }
        return decision;
    }

    private void apply(
            Decision decision, RoutingContext ctx, Permission permission, Consumer<Decision.Granted> handler) {
        if (decision instanceof Decision.Granted granted) {
            handler.accept(granted);
        } else if (decision instanceof Decision.Invalid invalid) {
            challenge(ctx, ", error=\"invalid_token\", error_description=\"" + invalid.reason() + "\"");
            ConnectionClose.afterResponseAndBody(ctx); // each guess costs a new connection
            Problem.UNAUTHORIZED.fail(ctx, invalid.reason());
        } else if (decision instanceof Decision.Denied denied) {
            challenge(ctx, ", error=\"insufficient_scope\"");
            Problem.FORBIDDEN.fail(
                    ctx,
                    permission.activity() + " " + denied.channel()
                            + " needs a permission that this token does not grant.");
        } else {
            overload.refuse(ctx, Problem.UNAVAILABLE, "Too many tokens are waiting to be verified.");
        }
    }

    /** Says that the request needs a bearer token (RFC 6750, 3). */
    public static void challenge(RoutingContext ctx, String error) {
        ctx.response().putHeader("WWW-Authenticate", "Bearer realm=\"crier\"" + error);
    }
}
