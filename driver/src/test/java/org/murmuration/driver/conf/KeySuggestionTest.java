package org.murmuration.driver.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeySuggestionTest {
  private static final List<String> KNOWN =
      List.of("train.epochs", "train.batch-size", "evaluate.batch-size", "checkpoint.keep");

  @ParameterizedTest
  @CsvSource({
    "train.bacth-size, train.batch-size",
    "train.epoch, train.epochs",
    "checkpoint.kep, checkpoint.keep",
    "evaluate.epochs, train.epochs",
    "epochs, train.epochs",
    "evalute.batchsize, evaluate.batch-size",
  })
  void shouldFindTheKeyWithTheFewestEdits(String unknown, String meant) {
    assertThat(KeySuggestion.nearest(unknown, KNOWN)).contains(meant);
  }

  @Test
  void shouldSuggestNothingForAKeyThatResemblesNone() {
    assertThat(KeySuggestion.nearest("spark.ui.port", KNOWN)).isEmpty();
    assertThat(KeySuggestion.hint("spark.ui.port", KNOWN)).isEmpty();
  }
}
