// Asks a real JMeter what it makes of texts: which functions it finds, and what they evaluate to.
// Argument: a file of tasks, one a line, its words in base64 (an empty one is =). Output: one line each, in the order of the tasks.
//   FILE <text>                    the property file (as -q reads it) that the following texts see
//   TEXT <text> <variable>...      -> TEXT <value> <name of each function or variable found>...
//                                  variables hold a reference to themselves; values are not parsed again
//   ROWS <text>                    -> ROWS <field>... of all rows, as CSVDataSet reads them
import org.apache.jmeter.engine.util.CompoundVariable
import org.apache.jmeter.engine.util.SimpleVariable
import org.apache.jmeter.functions.Function
import org.apache.jmeter.save.CSVSaveService
import org.apache.jmeter.threads.JMeterContextService
import org.apache.jmeter.threads.JMeterVariables
import org.apache.jmeter.util.JMeterUtils

def decoded(String word) { word == '=' ? '' : new String(word.decodeBase64(), 'UTF-8') }
def encoded(String text) { text ? text.getBytes('UTF-8').encodeBase64().toString() : '=' }

def home = System.getProperty('jmeter.home')
JMeterUtils.loadJMeterProperties(home + '/bin/jmeter.properties')
JMeterUtils.setJMeterHome(home)
JMeterUtils.initLocale()
def parts = CompoundVariable.getDeclaredField('compiledComponents')
parts.accessible = true
def given = new Properties()
new File(args[0]).eachLine('UTF-8') { line ->
    def words = line.tokenize(' ')
    def (kind, word, rest) = [words[0], decoded(words[1]), words.drop(2)]
    if (kind == 'FILE') {
        given.keySet().each { JMeterUtils.getJMeterProperties().remove(it) }
        given = new Properties()
        given.load(new ByteArrayInputStream(word.getBytes('ISO-8859-1')))
        JMeterUtils.getJMeterProperties().putAll(given)
    } else if (kind == 'ROWS') {
        def fields = []
        def reader = new BufferedReader(new StringReader(word))
        String[] row
        while ((row = CSVSaveService.csvReadFile(reader, ',' as char)).length) fields.addAll(row)
        println((['ROWS'] + fields.collect { encoded(it) }).join(' '))
    } else {
        def variables = new JMeterVariables()
        rest.each { variables.put(decoded(it), '${' + decoded(it) + '}') }
        JMeterContextService.context.variables = variables
        def compiled = new CompoundVariable()
        try {
            compiled.setParameters(word)
            def found = parts.get(compiled).findAll { it instanceof Function || it instanceof SimpleVariable }
            def names = found.collect { it instanceof Function ? it.referenceKey : it.name }
            // JMeter leaves a text as it is where its parser finds nothing in it.
            def value = compiled.hasFunction() ? compiled.execute() : word
            println((['TEXT', encoded(value)] + names.collect { encoded(it) }).join(' '))
        } catch (Exception refused) {
            println "REFUSED ${encoded(refused.toString())}"
        }
    }
}
