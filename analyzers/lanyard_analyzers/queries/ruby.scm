;;; definitions
(method name: (_) @name body: (_)? @body) @definition.function
(singleton_method object: (self) name: (_) @name body: (_)? @body) @definition.method
(singleton_method object: [(constant) (identifier)] @owner name: (_) @name body: (_)? @body) @definition.method
(class name: (_) @name body: (_)? @body) @definition.class
(module name: (_) @name body: (_)? @body) @definition.class
(assignment left: (constant) @name right: (call receiver: (constant) @_struct method: (identifier)
  block: (_ body: (_) @body)) (#any-of? @_struct "Struct" "Data" "Class" "Module")) @definition.class
(assignment left: (_) @name right: (lambda body: (_) @body)) @definition.function
(call method: (identifier) arguments: (argument_list . [(method) (singleton_method)] @wrapped)) @wrapper

;;; imports
(call !receiver method: (identifier) @_require arguments: (argument_list . (_) @import.source)
  (#any-of? @_require "require" "require_relative" "load" "autoload")) @import

;;; references
(call method: [(identifier) (constant)] @call)
(constant) @type

;;; members
(call !receiver method: (identifier) @_attr arguments: (argument_list (simple_symbol) @name)
  (#any-of? @_attr "attr_reader" "attr_writer" "attr_accessor" "attribute" "has_many" "has_one" "belongs_to")) @member
(assignment left: (instance_variable) @name) @member
(class body: (body_statement (assignment left: (constant) @name) @member))
(module body: (body_statement (assignment left: (constant) @name) @member))

;;; branches
[
  (if) (elsif) (unless) (if_modifier) (unless_modifier) (while) (until) (while_modifier) (until_modifier) (for)
  (when) (in_clause) (rescue) (rescue_modifier) (conditional)
  (binary operator: ["&&" "||" "and" "or"])
] @branch

;;; tests
(method name: (identifier) @name (#match? @name "^test_")) @test
(call !receiver method: (identifier) @name block: (_)
  (#any-of? @name "it" "specify" "example" "scenario" "test" "should")) @test

;;; identifiers
[(identifier) (constant) (instance_variable) (class_variable) (global_variable) (simple_symbol)] @identifier
