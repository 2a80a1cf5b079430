package dev.crier.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The channels of orders are for their owners only, as the login of the application knows them. */
@Timeout(120)
class LoginTest {

    private static Command application;

    @BeforeAll
    static void start() throws Exception {
        application = Command.start("login", "java ");
    }

    @AfterAll
    static void stop() throws Exception {
        application.close();
    }

    private static Reader loggedIn(String user) throws Exception {
        var browser = new Reader();
        assertEquals(302, browser.post(application.url("/login"), "username=" + user + "&password=secret-of-" + user));
        return browser;
    }

    @Test
    void anOwnerSeesTheStatesOfAnOrder() throws Exception {
        Reader ann = loggedIn("ann");
        assertEquals(200, ann.status(application.url("/")));
        assertEquals(200, ann.status(application.url("/orders.js")));
        List<Reader.Event> states = ann.events(application.url("/live/orders/42"), 2);
        assertTrue(
                states.stream()
                        .allMatch(state -> List.of("received", "packed", "sent", "delivered")
                                .contains(state.data())),
                states::toString);
        assertEquals(
                2,
                ann.events(application.url("/live/events?channel=/orders/42&channel=/orders/43"), 4).stream()
                        .map(event -> event.id().replaceFirst(".* ", ""))
                        .distinct()
                        .count());
    }

    @Test
    void nobodyElseSeesThem() throws Exception {
        assertEquals(401, new Reader().status(application.url("/live/orders/42")));
        Reader bob = loggedIn("bob");
        assertEquals(200, bob.status(application.url("/live/orders/41")));
        assertEquals(403, bob.status(application.url("/live/orders/42")));
        assertEquals(403, bob.status(application.url("/live/events?channel=/orders/41&channel=/orders/42")));
        assertEquals(403, bob.status(application.url("/live/events?channel=/orders/:id")));
    }

    @Test
    void aWrongPasswordIsNoLogin() throws Exception {
        var stranger = new Reader();
        assertEquals(401, stranger.post(application.url("/login"), "username=ann&password=secret-of-bob"));
        assertEquals(302, stranger.status(application.url("/")));
        assertEquals(200, stranger.status(application.url("/login.html")));
        assertEquals(401, stranger.status(application.url("/live/orders/42")));
    }
}
