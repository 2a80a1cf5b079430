package dev.crier.testing;

import java.time.Duration;
import org.openqa.selenium.By;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.WebDriverWait;

/** One of Crier's pages in a browser. */
public final class Page implements AutoCloseable {

    private static final By STATE = By.id("state");

    private final Browser browser = Browser.open();

    public Browser browser() {
        return browser;
    }

    /** Loads the page at this path from Crier on this port. */
    public void load(int port, String path) {
        browser.driver().get("http://localhost:" + port + path);
    }

    public String text(By element) {
        return browser.driver().findElement(element).getText();
    }

    /** Returns the text of the element that shows the state of the stream. */
    public String state() {
        return text(STATE);
    }

    /** Waits until the stream is in this state. */
    public void awaitState(String state) {
        await().until(ExpectedConditions.attributeToBe(STATE, "data-state", state));
    }

    /** Waits for conditions of up to a minute. */
    public WebDriverWait await() {
        var wait = new WebDriverWait(browser.driver(), Duration.ofSeconds(60));
        wait.pollingEvery(Duration.ofMillis(50));
        return wait;
    }

    @Override
    public void close() {
        browser.close();
    }
}
