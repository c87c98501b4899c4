package org.murmuration.driver.conf;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says where a value was written: {@code conf/x.conf:12} or {@code --set train.epochs=3}. */
final class Origins {
  /** What a value that nobody stated is said to come from. */
  static final String DEFAULT = "default";

  static final String OVERRIDE = "--set ";

  private static final String MERGED = "merge of ";
  private static final Pattern LINES = Pattern.compile(": (\\d+)(-\\d+)?$");

  private Origins() {}

  static String describe(ConfigOrigin origin) {
    String text = origin.description();
    if (text.startsWith(MERGED)) {
      int first = text.indexOf(',');
      text = text.substring(MERGED.length(), first < 0 ? text.length() : first);
    }
    Matcher lines = LINES.matcher(text);
    boolean numbered = origin.lineNumber() > 0 && lines.find();
    if (!numbered) {
      return text;
    }
    String source = text.substring(0, lines.start());
    return source.startsWith(OVERRIDE) ? source : source + ":" + lines.group(1);
  }

  /** What HOCON's parser or resolver refused: file and line, then the fault, then its details. */
  static String describe(ConfigException failure, String fault) {
    String message = failure.getMessage();
    if (failure.origin() == null) {
      return fault + message;
    }
    String where = failure.origin().description() + ": ";
    String details = message.startsWith(where) ? message.substring(where.length()) : message;
    return describe(failure.origin()) + ": " + fault + details;
  }
}
