package dev.crier.http;

import dev.crier.auth.Right;
import dev.crier.auth.Rights;
import dev.crier.auth.Verdict;
import dev.crier.event.ChannelName;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** Lets a request through to a channel, or answers it, as RFC 6750 (3) has it. */
final class Guard {

    private final Rights rights;
    private final Bearer bearer;

    Guard(Rights rights, Bearer bearer) {
        this.rights = rights;
        this.bearer = bearer;
    }

    /** What it may; empty if it may not, and has been answered. */
    Optional<Verdict.Granted> admit(RoutingContext ctx, Right right, ChannelName channel) {
        Optional<String> token;
        try {
            token = right == Right.READ ? bearer.of(ctx.request()) : Bearer.ofHeader(ctx.request());
        } catch (IllegalArgumentException e) {
            challenge(ctx, ", error=\"invalid_request\"");
            Problem.BAD_REQUEST.fail(ctx, e.getMessage());
            return Optional.empty();
        }
        if (token.isEmpty()) {
            challenge(ctx, "");
            Problem.UNAUTHORIZED.fail(ctx, right.doing() + " needs a bearer token.");
            return Optional.empty();
        }
        Verdict verdict = rights.of(token.get(), right, channel);
        if (verdict instanceof Verdict.Granted granted) {
            return Optional.of(granted);
        }
        if (verdict instanceof Verdict.Unknown unknown) {
            challenge(ctx, ", error=\"invalid_token\", error_description=\"" + unknown.why() + "\"");
            Problem.UNAUTHORIZED.fail(ctx, unknown.why());
        } else {
            challenge(ctx, ", error=\"insufficient_scope\"");
            Problem.FORBIDDEN.fail(ctx, right.doing() + " here takes a right that this token does not grant.");
        }
        return Optional.empty();
    }

    private static void challenge(RoutingContext ctx, String error) {
        ctx.response().putHeader("WWW-Authenticate", "Bearer realm=\"crier\"" + error);
    }
}
