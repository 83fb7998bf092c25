// Renders every line of standard input with the KaTeX of the folder given, errors thrown.
const katex = require(process.argv[2]);
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
const failed = [];
for (const line of lines) {
  try {
    katex.renderToString(line, { displayMode: true, throwOnError: true, strict: "error", output: "html" });
  } catch (error) {
    failed.push(`${error.message}\n  in ${line}`);
  }
}
console.log(failed.length > 0 ? failed.slice(0, 20).join("\n") : `${lines.length} rendered`);
process.exit(failed.length > 0 ? 1 : 0);
