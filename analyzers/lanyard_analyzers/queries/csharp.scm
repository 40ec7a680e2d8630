;;; definitions
(method_declaration name: (identifier) @name body: (_)? @body) @definition.method
(constructor_declaration name: (identifier) @name body: (_)? @body) @definition.method
(operator_declaration operator: _ @name body: (_)? @body) @definition.method
(indexer_declaration "this" @name accessors: (accessor_list (accessor_declaration body: (_))) @body) @definition.method
(indexer_declaration "this" @name value: (arrow_expression_clause) @body) @definition.method
(property_declaration name: (identifier) @name
  accessors: (accessor_list (accessor_declaration body: (_))) @body) @definition.method
(property_declaration name: (identifier) @name value: (arrow_expression_clause) @body) @definition.method
(local_function_statement name: (identifier) @name body: (_)? @body) @definition.function
(class_declaration name: (identifier) @name body: (_)? @body) @definition.class
(struct_declaration name: (identifier) @name body: (_)? @body) @definition.class
(interface_declaration name: (identifier) @name body: (_)? @body) @definition.class
(record_declaration name: (identifier) @name body: (_)? @body) @definition.class
(enum_declaration name: (identifier) @name body: (_)? @body) @definition.class
(local_declaration_statement (variable_declaration (variable_declarator name: (identifier) @name
  (lambda_expression body: (_) @body)))) @definition.function
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name
  (lambda_expression body: (_) @body)))) @definition.method

;;; imports
(using_directive) @import
(using_directive name: (identifier) @import.name [(identifier) (qualified_name) (generic_name)] @import.source .)
(using_directive !name [(identifier) (qualified_name)] @import.source)
(extern_alias_directive) @import

;;; references
(invocation_expression function: (identifier) @call)
(invocation_expression function: (generic_name (identifier) @call))
(invocation_expression function: (member_access_expression name: (identifier) @call))
(invocation_expression function: (member_access_expression name: (generic_name (identifier) @call)))
(invocation_expression function: (conditional_access_expression (member_binding_expression name: (identifier) @call)))
(_ type: (identifier) @type)
(_ type: (generic_name (identifier) @type))
(_ type: (qualified_name name: (identifier) @type))
(_ returns: (identifier) @type)
(_ returns: (generic_name (identifier) @type))
(nullable_type (generic_name (identifier) @type))
(type_argument_list (identifier) @type)
(type_argument_list (generic_name (identifier) @type))
(base_list (identifier) @type)
(base_list (generic_name (identifier) @type))
(base_list (qualified_name name: (identifier) @type))
(primary_constructor_base_type type: (identifier) @type)
(attribute name: (identifier) @type)

;;; members
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @member
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @member
(property_declaration name: (identifier) @name) @member
(enum_member_declaration name: (identifier) @name) @member
(record_declaration (parameter_list (parameter name: (identifier) @name) @member))

;;; branches
[
  (if_statement) (for_statement) (foreach_statement) (while_statement) (do_statement) (catch_clause) (switch_section)
  (switch_expression_arm) (conditional_expression) (binary_expression operator: ["&&" "||" "??"])
] @branch

;;; tests
(method_declaration (attribute_list (attribute name: (identifier) @name))
  (#match? @name "^(Fact|Theory|Test|TestCase|TestCaseSource|TestMethod|DataTestMethod|Property)$")) @test

;;; identifiers
(identifier) @identifier
