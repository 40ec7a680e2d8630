"""Names of methods that values of built-in types have: they say nothing of what an untyped value is."""

from __future__ import annotations

from lanyard_analyzers.languages import LANGUAGES

_RUBY = """
    ! != == === =~ [] []= + - * / << <=> all? any? append call capitalize chomp class clear clone collect compact concat
    count cycle delete delete_if detect dig downcase dup each each_key each_pair each_slice each_value each_with_index
    each_with_object empty? end_with? entries eql? equal? extend fetch filter filter_map find find_all first flat_map
    flatten format freeze frozen? gsub gsub! has_key? hash include? index inject insert inspect instance_of?
    instance_variable_get is_a? join key? keys kind_of? last lines length lstrip map map! match match? max merge merge!
    message method methods min nil? object_id one? partition pop public_send push raise reduce reject replace
    respond_to? reverse rjust rstrip scan select send shift size slice sort sort_by split squeeze start_with? strip sub
    sub! sum swapcase symbolize_keys take tap then times to_a to_ary to_f to_h to_i to_json to_proc to_s to_str to_sym
    transform_values uniq unshift upcase update value? values values_at zip
"""
_CSHARP = """
    Add AddRange Any All Append AppendLine Clear Concat Contains ContainsKey Count Dispose EndsWith Equals First
    FirstOrDefault GetEnumerator GetHashCode GetType GetValueOrDefault HasValue Id IndexOf Insert Invoke Join Key Keys
    Last Length Max Min Name OrderBy Remove Replace Select SelectMany Single Skip Sort Split StartsWith Substring Sum
    Take ToArray ToDictionary ToList ToLower ToString ToUpper Trim TryGetValue Value Values Where Write WriteLine
    ConfigureAwait Result Message
"""
_KOTLIN = """
    add addAll also any all apply associate clear close component1 component2 contains containsKey count distinct drop
    each endsWith equals filter filterNotNull find first firstOrNull flatMap fold forEach format get getOrDefault
    getOrNull getOrPut groupBy hashCode indexOf invoke isEmpty isNotEmpty iterator joinToString keys last let length
    map mapNotNull max message min minus name none plus put remove replace reversed run set single size sort sortedBy
    split startsWith substring sum sumOf take to toInt toList toLong toMap toSet toString toTypedArray toMutableList
    trim use value values with zip length
"""
_PHP = "format count current get getCode getMessage key next offsetGet rewind valid __toString toArray"
_LUA = "byte char close dump find flush format gmatch gsub len lines lower match read rep reverse seek sub upper write"
_KNOWN = {
    language: frozenset(names.split())
    for language, names in {
        "ruby": _RUBY,
        "csharp": _CSHARP,
        "kotlin": _KOTLIN,
        "php": _PHP,
        "lua": _LUA,
    }.items()
}


def is_everyday(language: str, name: str) -> bool:
    """Whether values of built-in types have a method of that name."""
    return name in _KNOWN.get(language, ())


def is_family(one: str, other: str) -> bool:
    """Whether code in one language may be called from the other."""
    return one == other or one in _FAMILIES.get(other, ()) or LANGUAGES[one].queries == LANGUAGES[other].queries


_FAMILIES = {
    "kotlin": ("java",),
    "java": ("kotlin",),
    "javascript": ("typescript", "tsx"),
    "typescript": ("javascript",),
    "tsx": ("javascript",),
    "c": ("cpp",),
    "cpp": ("c",),
}
