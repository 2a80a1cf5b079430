package dev.crier.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FollowingTest {

    private static final Endpoint SERVER = Endpoint.of(1, "/one", "/one", List.of(), "");
    private static final Task TASK = Task.paced(3, 5, 0, 0);

    private static String target(Task task, int subscriber) {
        return Task.of(task.toJson()).following().target(SERVER, task, subscriber);
    }

    @Test
    void aSubscriberFollowsOneChannelByDefault() {
        assertEquals("/one", target(TASK, 2));
        assertEquals(0, TASK.publishedChannels());
    }

    @Test
    void allSubscribersFollowAllChannelsThatArePublishedTo() {
        Task task = TASK.followingAll(2);
        assertEquals("/events?channel=/one/0&channel=/one/1", target(task, 0));
        assertEquals(target(task, 0), target(task, 2));
        assertEquals(2, task.publishedChannels());
    }

    @Test
    void subscribersWithOwnChannelsShareOnlyTheOneThatIsPublishedTo() {
        Task task = TASK.followingOwn(2);
        assertEquals("/events?channel=/one&channel=/one/0&channel=/one/1", target(task, 0));
        assertEquals("/events?channel=/one&channel=/one/4&channel=/one/5", target(task, 2));
        assertEquals(6, task.channels());
        assertEquals(0, task.publishedChannels());
    }

    @Test
    void drawnChannelsDifferBetweenSubscribersButNotBetweenRuns() {
        Task task = TASK.followingDrawn(20, 1_000);
        assertEquals(target(task, 1), target(task, 1));
        assertNotEquals(target(task, 1), target(task, 2));
        String[] channels = target(task, 1).substring("/events?".length()).split("&");
        assertEquals(20, Set.of(channels).size());
        for (String channel : channels) {
            assertTrue(channel.matches("channel=/one/\\d{1,3}"), channel);
        }
    }

    @Test
    void aWholeFamilyIsNamedByItsDeclaration() {
        Task task = TASK.followingFamily(100_000);
        assertEquals("/events?channel=/one/:id", target(task, 0));
        assertEquals(100_000, task.publishedChannels());
    }

    @Test
    void aSubscriberOfALiveStreamFollowsOneChannelOfItsOwn() {
        assertEquals("/one/2", target(Task.streams(3, 5, 0, 0), 2));
    }

    @Test
    void aChannelIsNamedInTheTargetOfAPublicationOrInItsBody() {
        assertEquals("/one/2", SERVER.publishTo("/2"));
        Endpoint other = Endpoint.of(1, "/hub?topic=one", "/hub", List.of(), "topic=one*&data=");
        assertEquals("/hub", other.publishTo("/2"));
        assertEquals("topic=one/2&data=", other.bodyFor("/2"));
        assertEquals("topic=one&data=", other.bodyFor(""));
    }

    @Test
    void theNamesOfAHundredChannelsFitCriersDefaultLimitOfARequestLine() {
        assertTrue(target(TASK.followingAll(100), 0).length() < 4_000);
    }
}
