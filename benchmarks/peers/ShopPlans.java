import static us.abstracta.jmeter.javadsl.JmeterDsl.constantTimer;
import static us.abstracta.jmeter.javadsl.JmeterDsl.csvDataSet;
import static us.abstracta.jmeter.javadsl.JmeterDsl.httpCache;
import static us.abstracta.jmeter.javadsl.JmeterDsl.httpCookies;
import static us.abstracta.jmeter.javadsl.JmeterDsl.httpDefaults;
import static us.abstracta.jmeter.javadsl.JmeterDsl.httpSampler;
import static us.abstracta.jmeter.javadsl.JmeterDsl.jsonExtractor;
import static us.abstracta.jmeter.javadsl.JmeterDsl.rpsThreadGroup;
import static us.abstracta.jmeter.javadsl.JmeterDsl.testPlan;
import static us.abstracta.jmeter.javadsl.JmeterDsl.threadGroup;
import static us.abstracta.jmeter.javadsl.JmeterDsl.uniformRandomTimer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.http.entity.ContentType;
import us.abstracta.jmeter.javadsl.core.DslTestPlan.TestPlanChild;
import us.abstracta.jmeter.javadsl.core.threadgroups.BaseThreadGroup.ThreadGroupChild;
import us.abstracta.jmeter.javadsl.core.threadgroups.RpsThreadGroup;
import us.abstracta.jmeter.javadsl.http.DslHttpSampler;

/**
 * Writes a case with jmeter-java-dsl. Reads a text of tab-separated lines: `case` model base-url
 * timeout-ms csv; then for each journey `journey` name threads [rate seconds]... (closed: seconds), and
 * its `step` lines: name method path think-ms spread-ms body extract.
 *
 * <p>Open journeys are RPS thread groups that count iterations: what the library has for arrivals.
 */
public class ShopPlans {

  public static void main(String[] args) throws Exception {
    List<TestPlanChild> groups = new ArrayList<>();
    boolean open = true;
    String[] journey = null;
    List<ThreadGroupChild> steps = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      String[] field = line.split("\t", -1);
      if (field[0].equals("case")) {
        open = field[1].equals("open");
        Duration timeout = Duration.ofMillis(Long.parseLong(field[3]));
        groups.add(httpDefaults().url(field[2]).connectionTimeout(timeout).responseTimeout(timeout));
        groups.add(httpCache().disable());
        if (!open) {
          groups.add(httpCookies().clearCookiesBetweenIterations(false));
        }
        groups.add(csvDataSet(field[4]));
      } else if (field[0].equals("journey")) {
        add(groups, open, journey, steps);
        journey = field;
        steps = new ArrayList<>();
      } else {
        steps.add(step(field));
      }
    }
    add(groups, open, journey, steps);
    testPlan(groups.toArray(new TestPlanChild[0])).saveAsJmx(args[1]);
  }

  private static void add(List<TestPlanChild> groups, boolean open, String[] journey,
      List<ThreadGroupChild> steps) {
    if (journey == null) {
      return;
    }
    int threads = Integer.parseInt(journey[2]);
    ThreadGroupChild[] children = steps.toArray(new ThreadGroupChild[0]);
    if (!open) {
      groups.add(threadGroup(journey[1], threads, seconds(journey[3]), children));
      return;
    }
    RpsThreadGroup group = rpsThreadGroup(journey[1])
        .counting(RpsThreadGroup.EventType.ITERATIONS)
        .initThreads(threads)
        .maxThreads(threads);
    for (int at = 3; at < journey.length; at += 2) {
      group.rampToAndHold(Double.parseDouble(journey[at]), Duration.ZERO, seconds(journey[at + 1]));
    }
    groups.add(group.children(children));
  }

  private static Duration seconds(String text) {
    return Duration.ofSeconds(Long.parseLong(text));
  }

  private static ThreadGroupChild step(String[] field) {
    DslHttpSampler sampler = httpSampler(field[1], field[3]).method(field[2]);
    long think = Long.parseLong(field[4]);
    long spread = Long.parseLong(field[5]);
    if (!field[6].isEmpty()) {
      sampler.contentType(ContentType.APPLICATION_JSON).body(field[6]);
    }
    if (spread > 0) {
      sampler.children(
          uniformRandomTimer(Duration.ofMillis(think - spread), Duration.ofMillis(think + spread)));
    } else if (think > 0) {
      sampler.children(constantTimer(Duration.ofMillis(think)));
    }
    if (!field[7].isEmpty()) {
      sampler.children(jsonExtractor(field[7], field[7]));
    }
    return sampler;
  }
}
