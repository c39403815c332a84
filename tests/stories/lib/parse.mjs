// Parse: a story's text to steps. Each line that begins in the first column is a step; the lines
// indented below belong to it. `#` begins a comment in the first column.

export function parse(text, file) {
  const steps = [];
  const story = { file, title: '', proves: [], steps };
  let fence = null;

  text.split('\n').forEach((line, index) => {
    if (fence) { // the text of a file, up to a line `end of file`
      if (line === 'end of file') fence = null;
      else fence.text += `${line}\n`;
      return;
    }
    if (/^\s*$/.test(line) || (line.startsWith('#') && story.title)) return;
    if (line.startsWith('# ')) { story.title = line.slice(2); return; }
    if (line.startsWith('proves:')) { story.proves = line.slice(7).split(',').map((s) => s.trim()); return; }
    if (/^\s/.test(line)) {
      if (!steps.length) throw new Error(`${file}:${index + 1}: belongs to no step`);
      steps.at(-1).lines.push({ text: line.trim(), number: index + 1 });
      return;
    }
    const step = { head: line.trim(), number: index + 1, lines: [] };
    steps.push(step);
    if (/^write /.test(line)) { fence = step; step.text = ''; }
  });
  if (!story.title) throw new Error(`${file}: begins with no "# title"`);
  if (!story.proves.length) throw new Error(`${file}: says no rule that it proves`);
  if (fence) throw new Error(`${file}:${fence.number}: the text has no line "end of file"`);
  return story;
}
