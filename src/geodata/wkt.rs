//! Well-known text of coordinate systems as a tree: `KEYWORD["name", 1.0, CHILD[...]]`.

/// A node of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    /// Keyword in capitals.
    pub(super) keyword: String,
    /// Plain values (text without quotes, numbers as written), in order.
    pub(super) values: Vec<String>,
    /// Nested nodes, in order.
    pub(super) children: Vec<Node>,
}

impl Node {
    /// Parses text; `None` where brackets or quotes do not match or nesting is absurdly deep.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim_start_matches('\u{feff}').trim();
        Self::take(&mut rest, 0)
    }

    /// The first child with one of these keywords.
    pub(super) fn child(&self, keywords: &[&str]) -> Option<&Self> {
        self.children.iter().find(|child| keywords.contains(&child.keyword.as_str()))
    }

    /// The name, in lower case with everything but letters and digits removed.
    pub(super) fn plain_name(&self) -> String {
        let name = self.values.first().map_or("", String::as_str);
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
    }

    /// The value at a place as a number.
    pub(super) fn number(&self, place: usize) -> Option<f64> {
        self.values.get(place).and_then(|value| value.parse().ok())
    }

    fn take(rest: &mut &str, depth: usize) -> Option<Self> {
        if depth > 20 {
            return None;
        }
        let end = rest.find(['[', '('])?;
        let keyword = rest[..end].trim().to_ascii_uppercase();
        if keyword.is_empty() || !keyword.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return None;
        }
        *rest = rest[end + 1..].trim_start();
        let (mut values, mut children) = (Vec::new(), Vec::new());
        loop {
            match rest.chars().next()? {
                ']' | ')' => {
                    *rest = rest[1..].trim_start();
                    return Some(Self { keyword, values, children });
                }
                ',' => *rest = rest[1..].trim_start(),
                '"' => {
                    let close = rest[1..].find('"')? + 1;
                    values.push(rest[1..close].to_owned());
                    *rest = rest[close + 1..].trim_start();
                }
                _ => {
                    let stop = rest.find([',', ']', ')', '[', '('])?;
                    if rest[stop..].starts_with(['[', '(']) {
                        children.push(Self::take(rest, depth + 1)?);
                    } else {
                        values.push(rest[..stop].trim().to_owned());
                        *rest = rest[stop..].trim_start();
                    }
                }
            }
        }
    }
}
