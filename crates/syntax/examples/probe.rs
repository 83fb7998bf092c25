//! A probe.
use chainrule_syntax::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut library = Library::standard();
    if let Some(d) = args.get(3) {
        if let Err(e) = library.define(d) {
            println!("{}", e.render());
            return;
        }
    }
    match parse(Source { text: &args[1], declarations: args.get(2).map_or("", |s| s) }, &library) {
        Ok(p) => {
            println!("{}", p.echo);
            for a in &p.assumptions {
                println!("  {}: {}   ({})", a.name, a.kind, a.why);
            }
            for n in &p.notes {
                println!("  note {n}");
            }
            println!("  shape {}", p.formula.shape(p.formula.result().unwrap()));
            let r = p.formula.result().unwrap();
            if p.formula.reachable(&[r]).len() < 30 {
                for id in p.formula.reachable(&[r]) {
                    println!("    {} {:?}", id.index(), p.formula.node(id));
                }
            }
        }
        Err(e) => {
            println!("{}", e.render());
            println!("{e}");
        }
    }
}
