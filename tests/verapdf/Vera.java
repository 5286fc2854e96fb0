import java.io.*;
import java.util.*;
import org.verapdf.core.*;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.*;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.*;

/** Vera FLAVOUR=FILE...: a line a file, the file, a tab, then "ok" or "fails: CLAUSE-TEST ..." or "error: ...". */
public final class Vera {
    public static void main(String[] args) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String arg : args) {
            String[] parts = arg.split("=", 2);
            PDFAFlavour flavour = PDFAFlavour.byFlavourId(parts[0]);
            System.out.println(parts[1] + "\t" + judge(flavour, parts[1]));
        }
    }

    private static String judge(PDFAFlavour flavour, String path) {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(path), flavour);
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            ValidationResult result = validator.validate(parser);
            if (result.isCompliant()) {
                return "ok";
            }
            Set<String> failed = new TreeSet<>();
            for (TestAssertion one : result.getTestAssertions()) {
                if (one.getStatus() == TestAssertion.Status.FAILED) {
                    failed.add(one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber());
                }
            }
            return "fails: " + String.join(" ", failed);
        } catch (Exception failure) {
            return "error: " + failure;
        }
    }
}
